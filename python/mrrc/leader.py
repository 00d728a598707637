"""`Leader`."""

from typing import Union

from mrrc._constants import LEADER_LEN
from mrrc._errors import BadLeaderValue, RecordLeaderInvalid
from mrrc._leader import Leader

__all__ = ["LEADER_LEN", "BadLeaderValue", "Leader", "RecordLeaderInvalid", "Union"]
