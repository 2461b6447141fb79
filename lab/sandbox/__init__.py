"""Stand-ins for the providers, and the people their messages reach: an independent witness.

It speaks the providers' wire formats and knows nothing of the ledger, the workflows or the
activities: the names that stand in callback URLs and custom_args are its own (`names.py`).

- `settings.Settings`: everything it can be told; `faults.FaultPlan`: what goes wrong, and when
- `server.run`, `server.serve`, `server.in_thread`: as a process, in a loop, in a thread
- `app.create_app`: the ASGI application; `app.Backstage`: the routes under `/_sandbox`
- `providers.sendgrid_webhook.public_key`: with which the event webhook is verified
- `world.World`: what a further provider is built on, as `twilio.py` and `sendgrid.py` are
"""
