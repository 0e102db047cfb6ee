"""The demo production: an invented drama, made by the studio's own services out of fixtures/demo.

`data.py` says what is in it, `steps.py` makes it, `work.py` runs the jobs it asks for, `meter.py` says how far it is.
"""
