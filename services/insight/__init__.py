"""The mirror: shows the institution, and everybody else, how it really answers.

It keeps no words, names or addresses: of every petition only days, codes and outcomes, and of every rating
its mark, which is sealed for this service alone. Nobody may ask it to change anything, so it has no actions.

Hears: intake (filed, given a contact, rated), workflow (the life of every case), notify (whether people were
told).
Says: nothing.
"""
