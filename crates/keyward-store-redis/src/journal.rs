//! The journals of accounts.

use keyward_ledger::{AccountId, Entry, Msat};
use keyward_store::{BadCursor, Cursor, Page, PageRequest, StoreError};

use crate::fault::{Access, Unreadable, corrupt};
use crate::{RedisStore, records};

impl RedisStore {
    pub(crate) async fn list_entries(
        &self,
        account: AccountId,
        request: PageRequest,
    ) -> Result<Page<Entry>, StoreError> {
        let before = request
            .after
            .as_ref()
            .map(|cursor| keyward_time::parse_decimal(cursor.as_str().as_bytes(), u64::MAX).map_err(|_| BadCursor));
        let before = before.transpose()?;
        let mut read = redis::cmd("HMGET");
        read.arg(self.names.account(account)).arg("root").arg("entries");
        let (root, count): (Option<String>, Option<String>) = self.connection.send(Access::Read, &read).await?;
        let (Some(root), Some(count)) = (root, count) else { return Ok(Page { items: Vec::new(), next: None }) };
        let root: AccountId = root.parse().map_err(|error| corrupt("account", error))?;
        let count: Msat = count.parse().map_err(|error| corrupt("account", error))?;
        let end = before.map_or(u64::MAX, |before| before.saturating_sub(1)).min(count.as_msat());
        let start = end.saturating_sub(request.limit.get() as u64);
        let numbers: Vec<u64> = (start + 1..=end).rev().collect();
        // The number of the first one in this page is start + 1.
        let next = if start > 0 { Some(Cursor::new((start + 1).to_string())?) } else { None };
        if numbers.is_empty() {
            return Ok(Page { items: Vec::new(), next });
        }
        let mut lines = self.lines(account, &numbers).await?;
        if root != account {
            let numbers = lines.iter().map(|line| line.parse::<Msat>().map(Msat::as_msat));
            let numbers = numbers.collect::<Result<Vec<_>, _>>().map_err(|error| corrupt("journal", error))?;
            lines = self.lines(root, &numbers).await?;
        }
        let items = lines.iter().map(|line| records::entry(root, line)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// What a journal has under these numbers.
    async fn lines(&self, account: AccountId, numbers: &[u64]) -> Result<Vec<String>, StoreError> {
        let mut read = redis::cmd("HMGET");
        read.arg(self.names.journal(account)).arg(numbers);
        let lines: Vec<Option<String>> = self.connection.send(Access::Read, &read).await?;
        lines.into_iter().collect::<Option<_>>().ok_or_else(|| corrupt("journal", Unreadable))
    }
}
