"""The pictures, videos and samples of a product's feed item. Pure."""

from typing import Any

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
    videos = [_video(video, view) for video in data["videos"]]
    downloads = data["downloads"]
    samples = [_sample(sample, view) for sample in downloads["samples"]] if downloads else []
    return {
        **_pictures_by_role(data, view),
        "media_gallery": _gallery(data, view) or None,
        "samples": samples or None,
        "images": [
            {"resource": _resource(image, view), "sortOrder": str(image["position"])}
            for image in data["images"]
        ]
        or None,
        "videos": videos or None,
    }


def _pictures_by_role(data: dict[str, Any], view: ViewScope) -> Item:
    return {
        field: {"url": view.media_url(image["path"]), "label": text(image["labels"], view.code)}
        for field, role in _BY_ROLE.items()
        for image in data["images"]
        if role in image["roles"]
    }


def _resource(image: dict[str, Any], view: ViewScope) -> Item:
    return {
        "url": view.media_url(image["path"]),
        "label": text(image["labels"], view.code),
        "roles": image["roles"] or None,
    }


def _sample(sample: dict[str, Any], view: ViewScope) -> Item:
    resource = {
        "url": view.media_url(sample["path"]),
        "label": text(sample["titles"], view.code),
        "roles": sample["roles"] or None,
    }
    return {"resource": resource, "sortOrder": str(sample["sort_order"])}


def _video(video: dict[str, Any], view: ViewScope) -> Item:
    return {
        "preview": _resource(video["preview"], view),
        "video": _video_facts(video, view),
        "sortOrder": str(video["preview"]["position"]),
    }


def _video_facts(video: dict[str, Any], view: ViewScope) -> Item:
    return {
        "mediaType": _VIDEO_TYPE,
        "videoProvider": video["provider"],
        "videoUrl": video["url"],
        "videoTitle": text(video["titles"], view.code),
        "videoDescription": text(video["descriptions"], view.code),
        "videoMetadata": video["metadata"],
    }


def _gallery(data: dict[str, Any], view: ViewScope) -> list[Item]:
    pictures = [_gallery_entry(image, view) for image in data["images"]]
    videos = [
        {
            **_gallery_entry(video["preview"], view),
            "video_attributes": _video_facts(video, view),
        }
        for video in data["videos"]
    ]
    return pictures + videos


def _gallery_entry(image: dict[str, Any], view: ViewScope) -> Item:
    entry = {
        "url": view.media_url(image["path"]),
        "label": text(image["labels"], view.code),
        "sort_order": image["position"],
    }
    return entry | ({"types": image["roles"]} if image["roles"] else {})
