"""A page that a browser has open is loaded anew when `headatlas serve --watch` has built the site again."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from marionette import free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

DESCRIPTION = f"""
title: TITLE
models:
  - {{id: small, path: {ROOT}/content/models/picture-world}}
probe: {{images: probe}}
gallery: {{images: gallery}}
texts: texts.txt
pool: {ROOT}/content/texts/pool.txt
textspan: {{count: 6}}
"""


@contextlib.contextmanager
def watched_site(program):
    """Serves a small atlas; gives its address and a function that sets its title."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for kind, count in (("gallery", 3), ("probe", 20)):
            (folder / kind).mkdir()
            for image in sorted((ROOT / "content/images" / kind).glob("*.jpg"))[:count]:
                shutil.copy(image, folder / kind)
        (folder / "texts.txt").write_text("a red house\na blue boat\n")

        def entitle(title):
            (folder / "atlas.yml").write_text(DESCRIPTION.replace("TITLE", title))

        entitle("Before")
        port = free_port()
        server = subprocess.Popen(
            [program, "serve", "--watch", "--config", "atlas.yml", "--port", str(port)], cwd=folder,
            env={**os.environ, "HEADATLAS_TEMPLATES": str(ROOT / "Templates")}, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 300
            while not (folder / "site/index.html").is_file() and time.monotonic() < end:
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/", entitle
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def check_reload(browser, check, settle, program):
    with watched_site(program) as (address, entitle):
        browser.open(address)
        is_open = settle(browser, "return document.title.startsWith('Before')")
        entitle("After")
        is_new = settle(browser, "return document.title.startsWith('After')", 300)
        check(f"{browser.name}: an open page is loaded anew", None if is_open and is_new else (is_open, is_new))
