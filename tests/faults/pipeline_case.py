"""What the cases share whose pipeline file is p.yaml."""


class OnePipeline:
    """Use by inheritance: the subclass writes the pipeline file and its input."""

    halt_codes = (1,)

    def __init__(self, workspace):
        self.workspace = workspace

    def run(self, *arguments):
        return self.workspace.run("run", "p.yaml", "--once", *arguments)

    def runs(self, *arguments):
        ended = self.run(*arguments)
        assert ended.code == 0, ended

    def halts(self, *words):
        refuses(self.run(), *words, codes=self.halt_codes)


def refuses(ended, *words, codes=(1, 2)):
    assert ended.code in codes, f"it went on, or ended otherwise: {ended}"
    missing = [word for word in words if word not in ended.err]
    assert not missing, f"the error does not say {missing}: {ended}"
