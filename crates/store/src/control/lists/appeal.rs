//! What whoever is listed says against it.

use rusqlite::{Transaction, params};

use super::{ListEntry, get, line, shown};
use crate::{Actor, Configuration, Error, ListEntryId, Lists};

impl Configuration<'_> {
    /// Notes an appeal at the tenant's entry with this id, live or test, or takes the note away;
    /// [`Error::NotFound`] when there is none. The entry goes on to count. Gives it as it is now.
    ///
    /// The audit log has that there was an appeal, and not its text, which may be personal data.
    pub async fn note_appeal(
        &self,
        actor: &Actor,
        id: ListEntryId,
        note: Option<String>,
    ) -> Result<ListEntry, Error> {
        let tenant = self.tenant;
        let change = move |tx: &Transaction<'_>, _| {
            let mut entry = get(tx, tenant, id)?;
            let before = shown(&entry);
            tx.execute("UPDATE list_entry SET appeal = ? WHERE id = ?", params![note, id.to_string()])?;
            entry.appeal = note;
            let line = line("list.appeal", &entry, Some(before), Some(shown(&entry)));
            Ok((entry, line))
        };
        // What requests look up is the same.
        self.store.change_list(actor, change, |_: &Lists, _| ()).await
    }
}
