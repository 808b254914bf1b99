"""The mirror: shows the institution, and everybody else, how it really answers.

It keeps no words, names or addresses: of every petition only days, codes and outcomes, and of every rating
its mark, which is sealed for this service alone; of every answer to a survey what was marked, and nobody's name.
Nobody may ask it to change anything, so it has no actions.

Hears: intake (filed, given a contact, rated; invited to a survey, answered one), workflow (the life of every case and
survey round), notify (whether people were told).
Says: nothing.
"""
