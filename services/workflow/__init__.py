"""THE DESK: a case for each petition. Sorting, routing, the legal clock, answers, oversight; the screens of staff.

Hears, from intake: petition.filed (opens the case), petition.supplemented (the clock runs again), contact.changed and
contact.verified (where the citizen is reached), petition.reopen_requested, petition.withdrawn and
petition.promise_judged (the head hears of it), readers.counted (how often what was made public was opened),
petition.rated (that a mark was low, for the head alone; neither mark nor words), survey.answered (how many, and the
words that people added), dialogue.joined and left (who comes to a session). From notify: notice.* (what became of each
message).

Says: case.opened, routed, assigned, accepted, refused, transferred, merged, info_requested, progressed, clock_paused,
clock_resumed, extended, rescheduled, due_soon, overdue, escalated, apology_due, apologised, answered, reopened,
reopening_refused, withdrawal_declined, follow_up, followed_up, closed, examined, redacted; answer.drafted, approved,
handed_over; promise.made, due, asked, checked; staff.changed, assignment.changed, units.reorganised, config.changed;
auth.token_made, token_revoked; identity.erased, petitioner.erased; access.read before anything about a petition is
shown, access.break_glass and reviewed where a denouncer's identity is opened. Of working together: case.split,
unlinked, support_asked, support_given, support_due, mentioned, consulted, consult_answered, consult_revoked;
unit.urged, urge_answered, urge_unanswered. Of survey rounds: survey.opened, reminded, closed, signed. Of what is made
public: publication.posted, shown, withdrawn. Of sessions: dialogue.announced, called_off, held, invited, committed;
case.dialogue_invited and dialogue_held where one is within a case. Of drafts: consultation.opened, closed;
case.clock_started. Of procedures: case.procedure_named, dossier.listed, simplification.proposed, decided; remedy.opened
when one is to be looked at again.

Rooms of its own: `api` the same for programs; `steps` taking a step, which actions and reactions share; `catalogue`
reads what a department may change; `press` prints letters and keeps them; `ending` how cases end that are taken back or
let go; `proofs` draws photos of answers anew; `originals` what citizens sent, as it lies on the disk; `rulebook` the
rules in force, by the files and by what was published over them.
"""
