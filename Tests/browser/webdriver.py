"""Chromium by chromedriver: WebDriver over HTTP."""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from marionette import free_port


class Chromium:
    name = "chromium"

    def __init__(self, driver, program):
        self.port = free_port()
        self.profile = tempfile.mkdtemp(prefix="atlas-chromium-")
        self.process = subprocess.Popen(
            [driver, f"--port={self.port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     f"--user-data-dir={self.profile}"]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": program, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        answer = self.request("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + answer["sessionId"]

    def wait(self):
        end = time.monotonic() + 60
        while True:
            try:
                self.request("GET", "/status")
                return
            except (OSError, RuntimeError):
                if time.monotonic() > end:
                    raise RuntimeError("chromedriver did not start")
                time.sleep(0.1)

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=data, method=method,
            headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError(f"{path}: {value.get('error')}: {value.get('message', '').splitlines()[0]}")

    def protocol(self, command, **parameters):
        return self.request("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, address):
        self.request("POST", f"{self.session}/url", {"url": address})

    def run(self, script, *arguments):
        return self.request("POST", f"{self.session}/execute/sync", {"script": script, "args": list(arguments)})

    def resize(self, width, height):
        self.protocol(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def errors(self):
        """What the console holds since the last call: errors of scripts, refusals of the security policy."""
        entries = self.request("POST", f"{self.session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self):
        size = self.run("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        return self.protocol("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]

    def close(self):
        try:
            self.request("DELETE", self.session)
        except (OSError, RuntimeError):
            pass
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.profile, ignore_errors=True)
