//! Which invocations `deskhand invocations follow` keeps an eye on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::words::text;

/// Rows read at most for one look.
const LOOK: usize = 1_000;
/// Rows watched at least, the newest; of older ones those that may still change.
const WATCHED: usize = 200;
/// Of those that were there before, how many are told of.
const BEFORE: usize = 10;

/// What is known of the newest invocations, and of older ones that may still change.
#[derive(Default)]
pub(super) struct Watched {
    /// Where each stands. Ids are in the order of making.
    statuses: BTreeMap<String, String>,
    has_looked: bool,
}

impl Watched {
    /// The oldest that is watched; empty where there is none.
    pub(super) fn oldest(&self) -> &str {
        self.statuses.keys().next().map_or("", String::as_str)
    }

    /// Whether there was a look.
    pub(super) fn has_looked(&self) -> bool {
        self.has_looked
    }

    /// How many rows to read for the next look.
    pub(super) fn limit(&self) -> usize {
        if self.has_looked { LOOK } else { WATCHED }
    }

    /// Those of these rows, newest first, that are wanted, and are new or stand elsewhere than at the last look;
    /// oldest first. Of what was there before the first look, the newest only.
    pub(super) fn news(
        &mut self,
        rows: Vec<Value>,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        let mut news = self.changed(rows);
        news.retain(is_wanted);
        if !self.has_looked {
            self.has_looked = true;
            news.drain(..news.len().saturating_sub(BEFORE));
        }
        news
    }

    fn changed(&mut self, rows: Vec<Value>) -> Vec<Value> {
        let mut news = Vec::new();
        for row in rows.into_iter().rev() {
            let status = text(&row, "status");
            let before = self.statuses.insert(text(&row, "id"), status.clone());
            if before != Some(status) {
                news.push(row);
            }
        }
        while let Some((_, first)) = self.statuses.first_key_value()
            && (self.statuses.len() > LOOK || self.statuses.len() > WATCHED && has_ended(first))
        {
            self.statuses.pop_first();
        }
        news
    }
}

/// Whether nothing becomes of it any more. An operator may still settle an unknown one.
fn has_ended(status: &str) -> bool {
    matches!(
        status,
        "succeeded" | "declined" | "failed" | "completed" | "expired" | "cancelled"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(number: usize, status: &str) -> Value {
        json!({"id": format!("inv_{number:05}"), "status": status})
    }

    fn ids(rows: &[Value]) -> Vec<String> {
        rows.iter().map(|row| text(row, "id")).collect()
    }

    #[test]
    fn each_is_news_once_and_again_when_it_has_changed() {
        let mut watched = Watched::default();
        let first = vec![row(2, "sending"), row(1, "sending")];
        assert_eq!(
            ids(&watched.changed(first.clone())),
            ["inv_00001", "inv_00002"]
        );
        assert_eq!(ids(&watched.changed(first)), [""; 0]);
        let later = vec![row(3, "sending"), row(2, "sending"), row(1, "succeeded")];
        assert_eq!(ids(&watched.changed(later)), ["inv_00001", "inv_00003"]);
    }

    #[test]
    fn what_was_before_is_told_in_part_and_what_comes_after_in_full() {
        let all = |count: usize| {
            (1..=count)
                .rev()
                .map(|n| row(n, "sending"))
                .collect::<Vec<_>>()
        };
        let mut watched = Watched::default();
        assert_eq!(watched.news(all(30), |_| true).len(), BEFORE);
        assert_eq!(watched.news(all(60), |_| true).len(), 30);
        // Also where there was nothing.
        let mut watched = Watched::default();
        assert_eq!(watched.news(all(0), |_| true).len(), 0);
        assert_eq!(
            watched.news(all(30), |row| row["id"] != "inv_00001").len(),
            29
        );
    }

    #[test]
    fn one_that_may_still_change_is_watched_however_many_come_after_it() {
        let mut watched = Watched::default();
        watched.changed(vec![row(2, "unknown"), row(1, "succeeded")]);
        for number in 3..600 {
            watched.changed(vec![row(number, "succeeded")]);
        }
        assert_eq!(watched.oldest(), "inv_00002");
        assert_eq!(
            ids(&watched.changed(vec![row(2, "succeeded")])),
            ["inv_00002"]
        );
        watched.changed(vec![row(600, "succeeded")]);
        assert_eq!(watched.statuses.len(), WATCHED);
        // But not for ever.
        for number in 601..2_000 {
            watched.changed(vec![row(number, "unknown")]);
        }
        assert_eq!(watched.statuses.len(), LOOK);
    }
}
