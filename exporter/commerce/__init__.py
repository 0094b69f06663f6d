"""The catalog database of the Commerce side, its edits and change log. It makes no feed items."""
