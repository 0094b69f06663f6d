"""The pictures, videos and samples of a product's feed item. Pure."""

from typing import Any, NamedTuple

from mcs.contract.canonical import Item
from mcs.exporter.indexers.scopes import ViewScope
from mcs.exporter.indexers.wire import text

# Superseded by `images`, and still sent (contract/feeds.json).
_BY_ROLE = {
    "image": "image",
    "smallImage": "small_image",
    "swatchImage": "swatch_image",
    "thumbnail": "thumbnail",
}
_VIDEO_TYPE = "external-video"


def media(data: dict[str, Any], view: ViewScope) -> Item:
    """The fields about media, from the product's `data`."""
    pictures = [_picture(image, view) for image in data["images"]]
    videos = [(_picture(video["preview"], view), video) for video in data["videos"]]
    downloads = data["downloads"]
    samples = [_sample(sample, view) for sample in downloads["samples"]] if downloads else []
    return {
        **_by_role(pictures),
        "media_gallery": [
            *(picture.gallery_entry() for picture in pictures),
            *(
                {**preview.gallery_entry(), "video_attributes": _video_facts(video, view)}
                for preview, video in videos
            ),
        ]
        or None,
        "samples": samples or None,
        "images": [
            {"resource": picture.resource(), "sortOrder": str(picture.position)}
            for picture in pictures
        ]
        or None,
        "videos": [
            {
                "preview": preview.resource(),
                "video": _video_facts(video, view),
                "sortOrder": str(preview.position),
            }
            for preview, video in videos
        ]
        or None,
    }


class _Picture(NamedTuple):
    """An image as a store view shows it. shown: its URL and its label."""

    shown: Item
    roles: list[str]
    position: int

    def resource(self) -> Item:
        return {**self.shown, "roles": self.roles or None}

    def gallery_entry(self) -> Item:
        entry = {**self.shown, "sort_order": self.position}
        if self.roles:
            entry["types"] = self.roles
        return entry


def _picture(image: dict[str, Any], view: ViewScope) -> _Picture:
    return _Picture(
        {"url": view.media_url(image["path"]), "label": text(image["labels"], view.code)},
        image["roles"],
        image["position"],
    )


def _by_role(pictures: list[_Picture]) -> Item:
    return {
        field: picture.shown
        for field, role in _BY_ROLE.items()
        for picture in pictures
        if role in picture.roles
    }


def _sample(sample: dict[str, Any], view: ViewScope) -> Item:
    resource = {
        "url": view.media_url(sample["path"]),
        "label": text(sample["titles"], view.code),
        "roles": sample["roles"] or None,
    }
    return {"resource": resource, "sortOrder": str(sample["sort_order"])}


def _video_facts(video: dict[str, Any], view: ViewScope) -> Item:
    return {
        "mediaType": _VIDEO_TYPE,
        "videoProvider": video["provider"],
        "videoUrl": video["url"],
        "videoTitle": text(video["titles"], view.code),
        "videoDescription": text(video["descriptions"], view.code),
        "videoMetadata": video["metadata"],
    }
