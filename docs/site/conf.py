"""How Sphinx builds the site; see `build.py`.

https://www.sphinx-doc.org/en/master/usage/configuration.html
"""

from keysift.version import VERSION

project = "keysift"
release = VERSION
copyright = "the founders of keysift"  # noqa: A001 - the name that Sphinx reads
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["pull_request_template.md"]
html_theme = "furo"
html_title = "keysift"
# Nothing of the site is asked of another server: its fonts and scripts come with the theme.
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sourcelink = False
# The anchors of code hosts, so that a link holds on both.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
# Backquotes in docstrings are code, as in Markdown.
default_role = "code"
add_module_names = False
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
nitpick_ignore_regex = [("py:.*", ".*")]
suppress_warnings = ["myst.xref_ambiguous"]
