"""The daemon: judges at each local slot, drains the outbox, reloads its home, and proves that it is alive.

ticker ──> judging   which slots are due (the store knows), one round for all of them
       └─> sending   letters of queued findings, then the outbox
leading              one process delivers; a standby on PostgreSQL takes over
homefiles            which changes of the home's files are taken up
service              starts these, and stops them on a signal
"""
