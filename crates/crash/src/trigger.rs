//! Kills at a moment that only the outside can see: while a request is on its way, or its answer.

use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

/// What the server's counterparts see of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The model has been asked.
    ModelAsked,
    /// The first bytes of a request have reached the endpoint.
    RequestBegun,
    /// The whole request has.
    RequestRead,
    /// Half of the answer is on its way.
    HalfAnswered,
    /// All of the answer is.
    Answered,
    /// A callback is on its way.
    CallbackSent,
}

impl Place {
    pub const ALL: [Self; 6] = [
        Self::ModelAsked,
        Self::RequestBegun,
        Self::RequestRead,
        Self::HalfAnswered,
        Self::Answered,
        Self::CallbackSent,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ModelAsked => "model_asked",
            Self::RequestBegun => "request_begun",
            Self::RequestRead => "request_read",
            Self::HalfAnswered => "half_answered",
            Self::Answered => "answered",
            Self::CallbackSent => "callback_sent",
        }
    }
}

#[derive(Debug)]
struct Armed {
    place: Place,
    left: u64,
    victim: Pid,
}

/// Kills processes at places.
#[derive(Debug, Default)]
pub struct Trigger(Mutex<Vec<Armed>>);

impl Trigger {
    /// From now on the `pass`-th time at `place` kills `victim`, a child that nobody has waited for.
    pub fn arm(&self, place: Place, pass: u64, victim: Pid) {
        self.lock().push(Armed {
            place,
            left: pass,
            victim,
        });
    }

    /// Lets a process live, or be waited for.
    pub fn disarm(&self, victim: Pid) {
        self.lock().retain(|order| order.victim != victim);
    }

    /// Passes a place.
    pub fn pass(&self, place: Place) {
        self.lock().retain_mut(|order| {
            if order.place != place {
                return true;
            }
            order.left = order.left.saturating_sub(1);
            if order.left == 0 {
                // It may have died by itself, which its keeper will see.
                let _ = kill_process(order.victim, Signal::KILL);
            }
            order.left > 0
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
