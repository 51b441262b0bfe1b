"""Start Ray on this machine, print its address, and run until standard input ends."""

import sys

import ray

if __name__ == "__main__":
    context = ray.init(
        "local",
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        log_to_driver=False,
        _temp_dir=sys.argv[1],
    )
    print(context.address_info["gcs_address"], flush=True)
    sys.stdin.read()
    ray.shutdown()
