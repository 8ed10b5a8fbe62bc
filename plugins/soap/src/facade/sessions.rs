//! Who has signed in at the facades of one tenant: in memory, bounded in number, ended when idle.
//!
//! The desk opens and ends sessions, the endpoint asks for them. An id is 128 random bits as hexadecimal digits; it is never
//! logged. A server that starts anew knows none: clients of such services log in again. It verifies no credential itself.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// However busy, a session ends after this time: the credential of a customer's own directory is asked for again.
const AGE_MAX: Duration = Duration::from_secs(24 * 3600);

/// One session.
#[derive(Clone)]
pub(super) struct Session {
    /// The facade at which it was opened; it is good for no other.
    pub(super) facade: Arc<str>,
    /// The credential's public part.
    pub(super) user: String,
    /// What changes when the credential does.
    pub(super) mark: Option<String>,
}

struct Open {
    session: Session,
    since: Instant,
    used: Instant,
}

/// The sessions of one tenant.
pub(super) struct Sessions {
    by_id: HashMap<String, Open>,
    count_max: usize,
    idle_max: Duration,
}

impl Sessions {
    pub(super) fn new(count_max: usize, idle_max: Duration) -> Self {
        Self { by_id: HashMap::new(), count_max, idle_max }
    }

    /// Opens a session under an id made of these random bits. Where there are too many, the one that was idle for the longest
    /// time makes room: clients of such services often leave without a word.
    pub(super) fn open(&mut self, random: [u8; 16], session: Session, now: Instant) -> String {
        let idle_max = self.idle_max;
        self.by_id.retain(|_, open| !open.is_over(idle_max, now));
        while self.by_id.len() >= self.count_max {
            let Some(idlest) = self.by_id.iter().min_by_key(|(_, open)| open.used).map(|(id, _)| id.clone()) else {
                break;
            };
            self.by_id.remove(&idlest);
        }
        let mut id = String::with_capacity(2 * random.len());
        for byte in random {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        self.by_id.insert(id.clone(), Open { session, since: now, used: now });
        id
    }

    /// The session of an id at a facade, which counts as its use.
    pub(super) fn find(&mut self, id: &str, facade: &str, now: Instant) -> Option<Session> {
        let open = self.by_id.get_mut(id).filter(|open| *open.session.facade == *facade)?;
        if open.is_over(self.idle_max, now) {
            self.by_id.remove(id);
            return None;
        }
        open.used = now;
        Some(open.session.clone())
    }

    /// Ends a session.
    pub(super) fn end(&mut self, id: &str) {
        self.by_id.remove(id);
    }
}

impl Open {
    fn is_over(&self, idle_max: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.used) > idle_max || now.saturating_duration_since(self.since) > AGE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(user: &str) -> Session {
        Session { facade: "shop".into(), user: user.to_owned(), mark: None }
    }

    fn user(sessions: &mut Sessions, id: &str, now: Instant) -> Option<String> {
        sessions.find(id, "shop", now).map(|session| session.user)
    }

    #[test]
    fn a_session_is_good_at_its_facade_until_it_is_ended() {
        let (mut sessions, now) = (Sessions::new(10, Duration::from_secs(60)), Instant::now());
        let id = sessions.open([0xa5; 16], session("me"), now);
        assert_eq!(id, "a5".repeat(16));
        assert_eq!(user(&mut sessions, &id, now).as_deref(), Some("me"));
        assert!(sessions.find(&id, "other", now).is_none(), "of another facade");
        for wrong in ["", "a5", &id.to_uppercase(), &format!("{id} ")] {
            assert_eq!(user(&mut sessions, wrong, now), None, "{wrong:?}");
        }
        sessions.end(&id);
        assert_eq!(user(&mut sessions, &id, now), None);
    }

    #[test]
    fn idle_ones_end_used_ones_stay_and_none_stays_for_ever() {
        let (mut sessions, start) = (Sessions::new(10, Duration::from_secs(60)), Instant::now());
        let id = sessions.open([1; 16], session("me"), start);
        let mut now = start;
        while now < start + AGE_MAX - Duration::from_secs(60) {
            now += Duration::from_secs(60);
            assert!(user(&mut sessions, &id, now).is_some());
        }
        assert!(user(&mut sessions, &id, start + AGE_MAX).is_some());
        assert!(user(&mut sessions, &id, start + AGE_MAX + Duration::from_secs(1)).is_none());
        let id = sessions.open([2; 16], session("me"), start);
        assert!(user(&mut sessions, &id, start + Duration::from_secs(61)).is_none());
        assert!(sessions.by_id.is_empty(), "nothing is kept of either");
    }

    #[test]
    fn the_idlest_makes_room() {
        let (mut sessions, start) = (Sessions::new(3, Duration::from_secs(600)), Instant::now());
        let at = |second: u64| start + Duration::from_secs(second);
        let ids: Vec<_> = (0..3).map(|it| sessions.open([it; 16], session("me"), at(it.into()))).collect();
        assert!(user(&mut sessions, &ids[0], at(5)).is_some());
        let last = sessions.open([9; 16], session("me"), at(6));
        let left: Vec<_> = ids.iter().map(|id| user(&mut sessions, id, at(7)).is_some()).collect();
        assert_eq!((left, sessions.by_id.len()), (vec![true, false, true], 3));
        assert!(user(&mut sessions, &last, at(7)).is_some());
    }
}
