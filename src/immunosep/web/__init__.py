"""The trial's website: consent, screening, randomisation, supply, doses and unblinding.

Two kinds of process run the same code on one database. A *site* process serves everyone and holds
no code key: it can allocate a participant, and cannot learn to what. A *keyed* process holds the
code key and serves the unblinded pharmacy and emergency unblinding alone.
"""
