//! Three tries within thirty seconds (PRODUCT §6).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deskhand_domain::clock::Entropy;
use deskhand_domain::limits::{MODEL_TRIES, MODEL_WINDOW};
use deskhand_domain::prompt::{Answer, Prompt};
use tokio::time::{Instant, sleep, sleep_until};

use crate::ids::with_unique_ids;
use crate::{Deltas, Model, ModelError, fit};

/// Longest wait before the second try; it doubles with every further one.
const BACKOFF: Duration = Duration::from_millis(500);

/// Asks until there is a whole answer: at most [`MODEL_TRIES`] times, no try begun or still silent
/// [`MODEL_WINDOW`] after the first. A try that has begun to answer by then may finish.
///
/// Waits what the provider asks for (`Retry-After`), else a random share of a doubling bound; a wait
/// that would outlast the window ends it at once. Nothing of a failed try is kept: `deltas` is
/// reset if it was shown any text. The error returned is the last one.
///
/// The model sees as much of the prompt as its window takes ([`fit`]); the ids of its calls are made
/// unique in all of it.
pub async fn answer_with_retries(
    model: &dyn Model,
    prompt: &Prompt<'_>,
    deltas: &mut dyn Deltas,
    entropy: &dyn Entropy,
) -> Result<Answer, ModelError> {
    let window_ends = Instant::now() + MODEL_WINDOW;
    let fitted = fit(prompt, model.window_tokens());
    let mut bound = BACKOFF;
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match one_try(model, &fitted, deltas, window_ends).await {
            Ok(mut answer) => {
                answer.calls = with_unique_ids(answer.calls, prompt);
                return Ok(answer);
            }
            Err(error) => error,
        };
        let ModelError::Retry { after, ref detail } = error else {
            return Err(error);
        };
        let wait = after.unwrap_or_else(|| share_of(bound, entropy));
        bound *= 2;
        if tries >= MODEL_TRIES || Instant::now() + wait >= window_ends {
            return Err(error);
        }
        tracing::warn!(
            tries,
            wait_ms = wait.as_millis(),
            detail,
            "model try failed"
        );
        sleep(wait).await;
    }
}

async fn one_try(
    model: &dyn Model,
    prompt: &Prompt<'_>,
    deltas: &mut dyn Deltas,
    window_ends: Instant,
) -> Result<Answer, ModelError> {
    let alive = AtomicBool::new(false);
    let mut watched = Watched {
        deltas: &mut *deltas,
        alive: &alive,
        shown: false,
    };
    let outcome = {
        let mut answering = model.answer(prompt, &mut watched);
        tokio::select! {
            biased;
            outcome = &mut answering => outcome,
            () = sleep_until(window_ends) => {
                if alive.load(Ordering::Relaxed) {
                    answering.await
                } else {
                    Err(ModelError::retry("no answer had begun within the time for all tries"))
                }
            }
        }
    };
    if outcome.is_err() && watched.shown {
        deltas.reset();
    }
    outcome
}

/// Passes everything on and remembers whether there was anything.
struct Watched<'a> {
    deltas: &'a mut dyn Deltas,
    alive: &'a AtomicBool,
    shown: bool,
}

impl Deltas for Watched<'_> {
    fn text(&mut self, piece: &str) {
        self.alive.store(true, Ordering::Relaxed);
        self.shown = true;
        self.deltas.text(piece);
    }

    fn reset(&mut self) {
        self.shown = false;
        self.deltas.reset();
    }

    fn alive(&mut self) {
        self.alive.store(true, Ordering::Relaxed);
        self.deltas.alive();
    }
}

/// Full jitter: anything from nothing to the bound.
fn share_of(bound: Duration, entropy: &dyn Entropy) -> Duration {
    let mut bytes = [0; 4];
    entropy.fill(&mut bytes);
    bound.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{NoDeltas, Scripted};

    /// Always the same byte.
    #[derive(Debug)]
    struct Same(u8);

    impl Entropy for Same {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    /// Says a word if it is talkative, then nothing for the given time, then answers.
    #[derive(Debug)]
    struct Slow {
        talkative: bool,
        takes: Duration,
    }

    #[async_trait]
    impl Model for Slow {
        async fn answer(
            &self,
            _prompt: &Prompt<'_>,
            deltas: &mut dyn Deltas,
        ) -> Result<Answer, ModelError> {
            if self.talkative {
                deltas.text("Well");
            }
            sleep(self.takes).await;
            Ok(Answer {
                text: "Well, yes.".to_owned(),
                ..Answer::default()
            })
        }
    }

    /// Writes down what it is told.
    #[derive(Default)]
    struct Heard(Vec<String>);

    impl Deltas for Heard {
        fn text(&mut self, piece: &str) {
            self.0.push(piece.to_owned());
        }
        fn reset(&mut self) {
            self.0.push("<reset>".to_owned());
        }
    }

    async fn ask(model: &dyn Model) -> (Result<Answer, ModelError>, Duration) {
        let began = Instant::now();
        let outcome =
            answer_with_retries(model, &Prompt::default(), &mut NoDeltas, &Same(0xff)).await;
        (outcome, began.elapsed())
    }

    fn asks_for(seconds: u64) -> ModelError {
        ModelError::Retry {
            after: Some(Duration::from_secs(seconds)),
            detail: "429".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_third_try_may_still_answer() {
        let model = Scripted::new();
        model
            .fails(ModelError::retry("500"))
            .fails(ModelError::retry("502"))
            .says("Hello.");
        let (outcome, took) = ask(&model).await;
        assert_eq!(outcome.unwrap().text, "Hello.");
        assert_eq!(took.as_millis(), 1_500);
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_no_fourth_try() {
        let model = Scripted::new();
        for status in ["500", "501", "502", "503"] {
            model.fails(ModelError::retry(status));
        }
        let (outcome, _) = ask(&model).await;
        assert_eq!(outcome, Err(ModelError::retry("502")));
        assert_eq!(model.prompts().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_work_is_not_tried_again() {
        let model = Scripted::new();
        model.fails(ModelError::give_up("401")).says("Hello.");
        let (outcome, took) = ask(&model).await;
        assert_eq!(outcome, Err(ModelError::give_up("401")));
        assert_eq!(took, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_as_long_as_the_provider_asks() {
        let model = Scripted::new();
        model.fails(asks_for(7)).says("Hello.");
        let (outcome, took) = ask(&model).await;
        assert!(outcome.is_ok());
        assert_eq!(took.as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_outlasts_the_window_ends_it_at_once() {
        let model = Scripted::new();
        model.fails(asks_for(31)).says("Hello.");
        let (outcome, took) = ask(&model).await;
        assert_eq!(outcome, Err(asks_for(31)));
        assert_eq!(took, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_with_the_window() {
        let (outcome, took) = ask(&Slow {
            talkative: false,
            takes: Duration::from_secs(300),
        })
        .await;
        assert!(matches!(outcome, Err(ModelError::Retry { .. })));
        assert_eq!(took, MODEL_WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_begun_may_finish() {
        let (outcome, took) = ask(&Slow {
            talkative: true,
            takes: Duration::from_secs(45),
        })
        .await;
        assert!(outcome.is_ok());
        assert_eq!(took.as_secs(), 45);
    }

    #[tokio::test(start_paused = true)]
    async fn half_an_answer_is_forgotten() {
        /// Says half, then breaks, then says it all.
        #[derive(Debug, Default)]
        struct Breaks(AtomicBool);
        #[async_trait]
        impl Model for Breaks {
            async fn answer(
                &self,
                _prompt: &Prompt<'_>,
                deltas: &mut dyn Deltas,
            ) -> Result<Answer, ModelError> {
                deltas.text("Your ord");
                if !self.0.swap(true, Ordering::Relaxed) {
                    return Err(ModelError::retry("cut"));
                }
                deltas.text("er.");
                Ok(Answer {
                    text: "Your order.".to_owned(),
                    ..Answer::default()
                })
            }
        }
        let mut heard = Heard::default();
        let answer =
            answer_with_retries(&Breaks::default(), &Prompt::default(), &mut heard, &Same(0))
                .await
                .unwrap();
        assert_eq!(answer.text, "Your order.");
        assert_eq!(heard.0, ["Your ord", "<reset>", "Your ord", "er."]);
    }
}
