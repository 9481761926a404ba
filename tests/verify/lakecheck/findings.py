"""What the checks found."""

from dataclasses import dataclass, field

KEPT_PER_CODE = 20  # a broken table breaks in thousands of places; a person reads a few


@dataclass
class Findings:
    """Findings by code, such as "I1.gap", and the number of facts that were looked at by code."""

    messages: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    checked: dict = field(default_factory=dict)

    def add(self, code, message):
        self.counts[code] = self.counts.get(code, 0) + 1
        kept = self.messages.setdefault(code, [])
        if len(kept) < KEPT_PER_CODE:
            kept.append(message)

    def looked_at(self, code, number=1):
        self.checked[code] = self.checked.get(code, 0) + number

    def require(self, condition, code, message):
        """Counts one fact under `code`, and a finding when it does not hold. `message` may be a function."""
        self.looked_at(code)
        if not condition:
            self.add(code, message() if callable(message) else message)
        return condition

    @property
    def ok(self):
        return not self.counts

    def codes(self):
        return set(self.counts)

    def text(self):
        lines = []
        for code in sorted(self.counts):
            lines += [f"{code}: {message}" for message in self.messages[code]]
            hidden = self.counts[code] - len(self.messages[code])
            if hidden > 0:
                lines.append(f"{code}: and {hidden} more")
        return "\n".join(lines)
