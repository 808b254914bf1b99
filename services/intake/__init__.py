"""The door: where citizens file a petition, follow it with its code, answer a question and judge the answer. Staff may
file in a citizen's stead, with a pass of the desk.

Hears `case.*`, `answer.*`, `promise.*`, `consultation.*`, `publication.*`, `dialogue.*`, `survey.*`, `dossier.listed`,
`petitioner.erased`, `config.changed` and `staff.changed` from workflow, `notice.*` from notify and `access.read` from
everybody who opened a petition, and keeps of them what the petitioner, or everybody, may know. Says `petition.filed`,
`contact.given`, `contact.changed`, `contact.check_asked`, `contact.verified`, `list.asked`, `petition.supplemented`,
`petition.rated`, `petition.reopen_requested`, `petition.promise_judged`, `petition.withdrawn`, `readers.counted`,
`dialogue.joined`, `dialogue.left`, `survey.invited`, `survey.declined` and `survey.answered`. What citizens wrote
stands in erasable columns and leaves the house only sealed.
"""
