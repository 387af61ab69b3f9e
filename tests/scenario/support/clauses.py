"""Labels of the clauses that a test covers; tests/conformance collects them from the source."""


def clause(*ids):
    """Records the clause ids, such as "MQTT5-3.1.0-2", on a test and returns it unchanged."""

    def record(test):
        test.clauses = getattr(test, "clauses", ()) + ids
        return test

    return record
