"""Forms as a page shows them: where they go, and their fields with what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = ("text", "email", "number", "password", "url", "search", "tel", "date", "time", "hidden", "radio", "")


@dataclass
class Form:
    """One form.

    Attributes:
        action: its address; empty for the page's own.
        fields: name -> value as it would be sent.
        typed: the fields that somebody can fill with any text.
        files: the fields that take a file.
    """

    action: str
    method: str
    fields: dict = field(default_factory=dict)
    typed: list = field(default_factory=list)
    files: list = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []
        self.area = self.select = None

    def handle_starttag(self, tag, given):
        own = dict(given)
        if tag == "form":
            self.forms.append(Form(own.get("action") or "", (own.get("method") or "get").upper()))
        name = own.get("name")
        if not self.forms:
            return
        form = self.forms[-1]
        if tag == "option" and self.select and ("selected" in own or self.select not in form.fields):
            form.fields[self.select] = own.get("value", "")
        if not name:
            return
        kind = own.get("type", "")
        if tag == "textarea":
            self.area = name
            form.fields[name] = ""
            form.typed.append(name)
        elif tag == "select":
            self.select = name
            form.typed.append(name)
        elif tag == "input" and kind == "file":
            form.files.append(name)
        elif (tag == "input" and kind in TYPED) or (kind == "checkbox" and "checked" in own):
            form.fields.setdefault(name, own.get("value") or "")
            if kind in TYPED and name not in form.typed:
                form.typed.append(name)

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area:
            self.forms[-1].fields[self.area] += data


def forms_of(page):
    """The forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
