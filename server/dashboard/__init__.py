"""The pages for people. Each is a URL that works without script: GET renders, POST redirects.

A page reads the store by its questions and shows a frozen view model; templates compute nothing,
and the same model is the page's JSON twin. No SQL here, no field of an item in a template.

To add a page:

1. a module here with a `page_blueprint(...)` and its views, which end in `show(template, view)`;
2. a template of 80 lines or fewer that extends `base.html` and takes the macros of `macros.html`;
   a block that is also rendered alone (?fragment=NAME) imports its macros within the block;
3. its blueprint in `mount.py`, and its line in `navigation.py`.
"""
