"""Where in the user's files something stands: the nearest caller below the folder of the DAGs."""

from __future__ import annotations

import os
import sys


class UserFiles:
    """The folder of the DAGs and the file that is read; set in the child."""

    folder: str = "/nowhere/"
    file: str = ""

    @classmethod
    def have(cls, path: str) -> bool:
        return path == cls.file or path.startswith(cls.folder)

    @classmethod
    def short(cls, path: str) -> str:
        return os.path.relpath(path, cls.folder) if path.startswith(cls.folder) else path


def place_of_caller() -> tuple[str | None, int | None]:
    """The file and the line of the nearest frame that is the user's, if there is one."""
    frame = sys._getframe(1)
    while frame is not None:
        if UserFiles.have(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None, None
