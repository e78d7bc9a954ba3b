# SPDX-License-Identifier: GPL-2.0-only
"""What a page must be by its text alone: complete, self-contained, described in words."""
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "line", "path"}
# what could load something or run
FORBIDDEN_TAGS = {"script", "iframe", "object", "embed", "img", "audio", "video", "form", "base",
                  "use"}
LOADING = {"src", "srcset", "href", "xlink:href", "action", "data", "poster", "background"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.errors, self.ids, self.targets = [], [], [], []
        self.lanes = self.tables = self.captions = 0

    def error(self, text):
        self.errors.append("line %d: %s" % (self.getpos()[0], text))

    def check_attribute(self, tag, name, value):
        value = value or ""
        if name.startswith("on"):
            self.error("%s has %s" % (tag, name))
        if name in LOADING and not value.startswith("#") and value != "data:,":
            self.error("%s loads %r" % (tag, value))
        if name == "id":
            self.ids.append(value)
        if name in ("aria-labelledby", "href") and value.lstrip("#") and value != "data:,":
            self.targets.append(value.lstrip("#"))
        if name == "style" or "url(" in value or "javascript:" in value:
            self.error("%s has %s=%r" % (tag, name, value))

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN_TAGS:
            self.error("there is a %s" % tag)
        for name, value in attrs:
            self.check_attribute(tag, name, value)
        keys = dict(attrs)
        if tag == "svg" and keys.get("aria-hidden") != "true":
            self.lanes += 1
            if keys.get("role") != "img" or not keys.get("aria-label"):
                self.error("a drawing without words")
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.error("</%s> closes something else" % tag)

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "style":
            if "url(" in data or "@import" in data:
                self.error("the style loads something")


def check(text):
    """The list of what is wrong with a page."""
    page = Page()
    page.feed(text)
    page.close()
    if page.stack:
        page.error("not closed: %s" % page.stack)
    for name in set(page.ids):
        if page.ids.count(name) > 1:
            page.error("id %s twice" % name)
    for name in set(page.targets) - set(page.ids):
        page.error("nothing has id %s" % name)
    if page.tables != page.captions:
        page.error("a table without a caption")
    if not text.startswith("<!DOCTYPE html>") or '<html lang="en">' not in text:
        page.error("no doctype or language")
    bad = [c for c in text if ord(c) < 32 and c != "\n"]
    if bad:
        page.error("control characters %r" % bad[:5])
    return page.errors, page.lanes
