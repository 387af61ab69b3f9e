"""Runs the scenarios of mqttjs_test.js with node, in 3.1.1 and 5.0, each as a case of its own."""

import json
import os
import re
import unittest
from pathlib import Path

from support import transports
from support.hub import Hub, HubTestCase, binary, each_version
from support.packets import V5, V311
from support.processes import LineProcess
from support.transports import TRANSPORT
from support.wire import Missing

FOLDER = Path(__file__).resolve().parent
SCRIPT = FOLDER / "mqttjs_test.js"
TITLES = re.findall(r'^scenario\("([^"]+)"', SCRIPT.read_text(), re.M)


def case_of(title):
    def run(self, version):
        self.assertIsNone(self.outcome(version, title))

    return each_version(*([V5] if title.startswith("5.0") else [V311, V5]))(run)


class MqttJs(HubTestCase):
    @classmethod
    def setUpClass(cls):
        if not (FOLDER / "node_modules" / "mqtt" / "package.json").is_file():
            raise FileNotFoundError("mqtt.js is not installed: npm ci --prefix tests/scenario")
        if TRANSPORT in ("tls", "wss"):
            authority = transports.shared_certificates(binary()).file("authority.pem")
            os.environ["NODE_EXTRA_CA_CERTS"] = authority
        cls.hubs, cls.scripts, cls.outcomes = {}, {}, {}
        for version in (V311, V5):
            cls.hubs[version] = Hub().start()
            command = ["node", SCRIPT, transports.url(cls.hubs[version].port), int(version)]
            cls.scripts[version] = LineProcess(*command, cwd=FOLDER)

    @classmethod
    def tearDownClass(cls):
        for script in cls.scripts.values():
            script.kill()
        for hub in cls.hubs.values():
            hub.stop()

    def outcome(self, version, title):
        """None when the scenario went well, else what went wrong; waits until it has run."""
        outcomes = self.outcomes.setdefault(version, {})
        while title not in outcomes:
            try:
                told = json.loads("{" + self.scripts[version].line_with("{"))
            except Missing as missing:
                return str(missing)
            outcomes[told["title"]] = told["error"]
        return outcomes[title]


for each in TITLES:
    setattr(MqttJs, "test_" + re.sub(r"\W+", "_", each), case_of(each))
MqttJs.expand_versions()


class Script(unittest.TestCase):
    def test_it_has_scenarios(self):
        self.assertGreater(len(TITLES), 10)


if __name__ == "__main__":
    unittest.main()
