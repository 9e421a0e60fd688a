"""EC2's own list of instance types, as moto keeps it, knows the vCPUs of each: ours are the same, and
only machines that EMR does not have are left out."""

import gzip
import json
import pathlib

import moto.ec2

from judged import answers

# Macs, and machines for supercomputing, whose vCPUs are half of what their size says.
LEFT_OUT = ("mac", "hpc")


def test_the_size_of_a_type_tells_its_vcpus():
    path = pathlib.Path(moto.ec2.__file__).parent / "resources" / "instance_types.json.gz"
    with gzip.open(path) as file:
        known = {name: row["VCpuInfo"]["DefaultVCpus"] for name, row in json.load(file).items()}
    assert len(known) > 1000
    told = answers("vcpus", [{"type": name} for name in known])
    for (name, vcpus), answer in zip(known.items(), told):
        if name.startswith(LEFT_OUT):
            assert answer["vcpus"] is None, name
        else:
            assert answer["vcpus"] == vcpus, name
