"""Firefox by its own remote protocol, Marionette: JSON over TCP, each message after its length."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

PREFERENCES = {
    # WebDriver sessions relax what files may do; readers' browsers do not.
    "remote.prefs.recommended": False,
    "security.fileuri.strict_origin_policy": True,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Firefox:
    name = "firefox"

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="atlas-firefox-")
        port = free_port()
        with open(os.path.join(self.profile, "user.js"), "w", encoding="utf-8") as file:
            for key, value in {**PREFERENCES, "marionette.port": port}.items():
                file.write(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n")
        environment = {**os.environ, "HOME": self.profile, "MOZ_HEADLESS": "1"}
        self.process = subprocess.Popen(
            [program, "--headless", "--marionette", "-remote-allow-system-access", "--no-remote", "--profile",
             self.profile],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.number = 0
        self.buffer = b""
        self.socket = self.connect(port)
        self.read()  # the greeting
        self.command("WebDriver:NewSession", {})

    def connect(self, port):
        end = time.monotonic() + 90
        while True:
            try:
                made = socket.create_connection(("127.0.0.1", port), timeout=60)
                return made
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError("Firefox did not open its Marionette port")
                time.sleep(0.2)

    def read(self):
        while b":" not in self.buffer:
            self.buffer += self.receive()
        length, self.buffer = self.buffer.split(b":", 1)
        while len(self.buffer) < int(length):
            self.buffer += self.receive()
        message, self.buffer = self.buffer[: int(length)], self.buffer[int(length):]
        return json.loads(message)

    def receive(self):
        received = self.socket.recv(1 << 16)
        if not received:
            raise RuntimeError("Firefox closed the connection")
        return received

    def command(self, name, parameters):
        self.number += 1
        text = json.dumps([0, self.number, name, parameters]).encode()
        self.socket.sendall(str(len(text)).encode() + b":" + text)
        _, _, error, result = self.read()
        if error:
            raise RuntimeError(f"{name}: {error.get('error')}: {error.get('message')}")
        return result

    def open(self, address):
        self.command("WebDriver:Navigate", {"url": address})

    def run(self, script, *arguments):
        return self.command("WebDriver:ExecuteScript", {"script": script, "args": list(arguments)})["value"]

    def resize(self, width, height):
        self.command("WebDriver:SetWindowRect", {"width": width, "height": height})

    def errors(self):
        """Messages of scripts and of the security policy since the last call, as the console shows them."""
        self.command("Marionette:SetContext", {"value": "chrome"})
        script = """
          const found = Services.console.getMessageArray()
            .filter(message => message instanceof Ci.nsIScriptError && /^file:/.test(message.sourceName || ""))
            .map(message => message.errorMessage);
          Services.console.reset();
          return found;
        """
        found = self.run(script)
        self.command("Marionette:SetContext", {"value": "content"})
        return found

    def screenshot(self):
        return self.command("WebDriver:TakeScreenshot", {"full": True})["value"]

    def close(self):
        try:
            self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
        except (OSError, RuntimeError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.profile, ignore_errors=True)
