"""The dress rehearsal: an event played through, from its announcement to its last letter, before it is real.

On a copy of the event in a throw-away database, under a virtual clock. What people do goes through the real pages;
what was promised is then held against what happened, by checks that share no rule with the code under test.
`ravisit.rehearsal` has the processes.
"""
