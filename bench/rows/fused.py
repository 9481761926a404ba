def measure(bench, row):
    raise NotImplementedError
