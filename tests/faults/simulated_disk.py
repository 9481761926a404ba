"""What a disk may hold after a loss of power, given the calls that a program made (disk_journal.c).

Only fsync makes anything last: of a file its bytes, of a folder its names. Of what came after, any part may be there: of
a folder's changes the first few, of a file's bytes any of the sectors, with nothing or zeros between.
"""

import shutil
from dataclasses import dataclass, field

SECTOR = 512


def read_journal(path):
    """The calls in their order: (name, words, bytes)."""
    data, at, calls = path.read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        name, _, rest = data[at:end].decode().partition(" ")
        at, content = end + 1, b""
        if name == "write":
            size = int(rest.split()[2])
            content, at = data[at : at + size], at + size
        calls.append((name, rest, content))
    return calls


@dataclass
class File:
    content: bytes = b""  # what lasts
    pending: list = field(default_factory=list)  # (offset, bytes), or (size, None) of a truncation

    def sync(self):
        self.content, self.pending = _changed(self.content, self.pending), []


@dataclass
class Folder:
    names: dict = field(default_factory=dict)  # what lasts
    now: dict = field(default_factory=dict)  # what the program sees
    pending: list = field(default_factory=list)  # (name, node or None)

    def set(self, name, node):
        if node is None:
            del self.now[name]
        else:
            self.now[name] = node
        self.pending.append((name, node))

    def sync(self):
        self.names, self.pending = dict(self.now), []


def _changed(content, changes):
    content = bytearray(content)
    for at, data in changes:
        if data is None:
            content[at:] = bytes(max(0, at - len(content)))
        else:
            content.extend(bytes(max(0, at - len(content))))
            content[at : at + len(data)] = data
    return bytes(content)


def _torn(file, random):
    """Some of the bytes that were not synced."""
    way = random.choice(("none", "all", "first", "sectors"))
    if way == "none":
        return file.content
    if way == "all":
        return _changed(file.content, file.pending)
    if way == "first":
        return _changed(file.content, file.pending[: random.randint(0, len(file.pending))])
    kept, likely = [], random.random()
    for at, data in file.pending:
        if data is None:
            kept.append((at, data))
            continue
        starts = [at, *range((at // SECTOR + 1) * SECTOR, at + len(data), SECTOR)]
        for start, end in zip(starts, [*starts[1:], at + len(data)]):
            if random.random() < likely:
                kept.append((start, data[start - at : end - at]))
    return _changed(file.content, kept)


class Disk:
    """A folder on a disk that may lose power."""

    def __init__(self, path, top):
        """`top`: the name below `path` that the program changes. What is there now lasts."""
        self.path, self.top = path, top
        self.by_inode = {}
        self.root = Folder()
        self.by_inode[path.stat().st_ino] = self.root
        if (path / top).exists():
            self.root.now[top] = self._load(path / top)
        self.root.sync()

    def _load(self, path):
        node = Folder({}, {each.name: self._load(each) for each in path.iterdir()}) if path.is_dir() else File(path.read_bytes())
        if isinstance(node, Folder):
            node.sync()
        self.by_inode[path.stat().st_ino] = node
        return node

    def _parent(self, path):
        names = path[len(str(self.path)) + 1 :].split("/")
        folder = self.root
        for name in names[:-1]:
            folder = folder.now[name]
        return folder, names[-1]

    def apply(self, call):
        name, rest, content = call
        if name in ("create", "mkdir"):
            inode, _, path = rest.partition(" ")
            folder, own = self._parent(path)
            node = File() if name == "create" else Folder()
            self.by_inode[int(inode)] = node
            folder.set(own, node)
        elif name in ("unlink", "rmdir"):
            folder, own = self._parent(rest)
            folder.set(own, None)
        elif name == "sync":
            self.by_inode[int(rest)].sync()
        else:
            inode, at = map(int, rest.split()[:2])
            if inode != 0:  # 0: what the program says
                self.by_inode[inode].pending.append((at, content if name == "write" else None))

    def as_seen(self):
        """Path below the folder -> bytes, as the program would read it now."""
        return dict(_files(self.root, "", lambda folder: folder.now, lambda file: _changed(file.content, file.pending)))

    def lose_power(self, random):
        """Puts in place what may be left."""
        shutil.rmtree(self.path / self.top, ignore_errors=True)
        self._write(self.root, self.path, random)

    def _write(self, folder, path, random):
        names = dict(folder.names)
        for name, node in folder.pending[: random.randint(0, len(folder.pending))]:
            names[name] = node
        for name, node in names.items():
            if isinstance(node, Folder):
                (path / name).mkdir()
                self._write(node, path / name, random)
            elif node is not None:
                (path / name).write_bytes(_torn(node, random))


def _files(folder, prefix, names_of, content_of):
    for name, node in names_of(folder).items():
        if isinstance(node, Folder):
            yield from _files(node, f"{prefix}{name}/", names_of, content_of)
        else:
            yield f"{prefix}{name}", content_of(node)
