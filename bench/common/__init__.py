"""What every part needs: raw figures, the machine, schemas, servers, processes and peers.

Knows no part and no page. The peers are imported nowhere here: they live in an environment of their
own, in which the parts that call them run.
"""
