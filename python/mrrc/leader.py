"""`Leader`."""

from typing import Union

from mrrc._constants import LEADER_LEN
from mrrc._core import Leader
from mrrc._errors import BadLeaderValue, RecordLeaderInvalid

__all__ = ["LEADER_LEN", "BadLeaderValue", "Leader", "RecordLeaderInvalid", "Union"]
