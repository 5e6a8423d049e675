//! Customers, each in a conversation at a time, whose client does what a client should: it gives every
//! message a key and sends it again, under that key, until there is an answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::client::{self, Answer};
use crate::cluster::Addresses;
use crate::random::Random;
use crate::work::{self, Call};

/// The wait before a message is sent again.
const AGAIN: Duration = Duration::from_millis(40);
/// How long a client keeps trying.
const PERSISTENCE: Duration = Duration::from_secs(240);

/// What customers share.
pub struct Desk {
    pub addresses: Arc<Addresses>,
    pub agent: String,
    pub authorization: String,
    pub stop: AtomicBool,
    /// Counts messages, across all customers.
    numbers: AtomicU64,
    asked: Mutex<Vec<Asked>>,
}

/// A message and what its client has been told.
#[derive(Debug, Clone)]
pub struct Asked {
    pub key: String,
    pub text: String,
    pub rounds: Vec<Vec<Call>>,
    /// How often it was sent.
    pub sent: u32,
    /// Every answer that came, in their order: the first, and those to being asked again.
    pub answers: Vec<Value>,
    /// The client went away before it had an answer.
    pub left: bool,
    /// The client was answered a second time, and not with what it had been told before.
    pub anew: bool,
    /// Anything else that it was told.
    pub trouble: Option<String>,
}

impl Desk {
    pub fn new(addresses: Arc<Addresses>, agent: String, authorization: String) -> Self {
        Self {
            addresses,
            agent,
            authorization,
            stop: AtomicBool::new(false),
            numbers: AtomicU64::new(0),
            asked: Mutex::default(),
        }
    }

    /// Every message.
    pub fn all(&self) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.clone()
    }

    fn keep(&self, asked: Asked) {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(asked);
    }

    /// How many messages there have been.
    pub fn count(&self) -> u64 {
        self.numbers.load(Ordering::SeqCst)
    }

    /// One customer after the other, until told to stop.
    pub async fn serve(self: Arc<Self>, seed: u64, worker: u64) {
        let mut random = Random::new(seed, 100 + worker);
        let mut number = 0;
        while !self.stop.load(Ordering::SeqCst) {
            number += 1;
            self.converse(&mut random, &format!("cus_{seed}_{worker}_{number}"))
                .await;
        }
    }

    /// A conversation of a few messages.
    async fn converse(&self, random: &mut Random, contact: &str) {
        let mut conversation = Value::Null;
        let mut before: Option<Vec<Vec<Call>>> = None;
        for _ in 0..1 + random.below(5) {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let number = self.numbers.fetch_add(1, Ordering::SeqCst);
            let rounds = match before.take() {
                // Some ask for the same again.
                Some(rounds) if random.percent(15) => rounds,
                _ => work::rounds(random, &format!("ORD-{number}")),
            };
            let asked = self
                .ask(random, contact, &conversation, number, &rounds)
                .await;
            before = Some(rounds);
            let answer = asked.answers.first().cloned();
            self.keep(asked);
            match answer {
                Some(answer) => conversation = answer["conversation_id"].clone(),
                // Whoever leaves does not come back.
                None => return,
            }
            sleep(Duration::from_millis(random.below(60))).await;
        }
    }

    async fn ask(
        &self,
        random: &mut Random,
        contact: &str,
        conversation: &Value,
        number: u64,
        rounds: &[Vec<Call>],
    ) -> Asked {
        let text = work::message(number, rounds);
        let stream = random.percent(15);
        let body = json!({
            "message": text, "conversation_id": conversation,
            "contact": { "id": contact }, "stream": stream,
        });
        let mut asked = Asked {
            key: format!("key-{number}"),
            text,
            rounds: rounds.to_vec(),
            sent: 0,
            answers: Vec::new(),
            left: false,
            anew: false,
            trouble: None,
        };
        // Some give up reading, and send it again at once or never.
        let impatience = random
            .percent(8)
            .then(|| Duration::from_millis(50 + random.below(500)));
        let leaves = impatience.is_some() && random.percent(25);
        let began = Instant::now();
        loop {
            let sent = self.send(&asked.key, &body, random.next());
            asked.sent += 1;
            let answer = match impatience.filter(|_| asked.sent == 1) {
                Some(patience) => match timeout(patience, sent).await {
                    Ok(answer) => answer,
                    Err(_) if leaves => {
                        asked.left = true;
                        return asked;
                    }
                    Err(_) => continue,
                },
                None => sent.await,
            };
            if let Ok(answer) = answer
                && self.take(answer, stream, &mut asked)
            {
                // Some ask again although they know.
                if asked.answers.len() == 1 && random.percent(8) {
                    sleep(Duration::from_millis(random.below(1_500))).await;
                    continue;
                }
                return asked;
            }
            if began.elapsed() > PERSISTENCE {
                asked.trouble = Some(format!("no answer for {PERSISTENCE:?}"));
                return asked;
            }
            sleep(AGAIN).await;
        }
    }

    async fn send(&self, key: &str, body: &Value, any: u64) -> anyhow::Result<Answer> {
        let path = format!("/v1/agents/{}/chat", self.agent);
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("idempotency-key", key),
        ];
        let to = self.addresses.nth(any as usize);
        client::request(to, "POST", &path, &headers, Some(body)).await
    }

    /// Takes an answer in. False: it is to be asked again.
    fn take(&self, answer: Answer, stream: bool, asked: &mut Asked) -> bool {
        let json = answer.json();
        let code = json["code"].as_str().unwrap_or_default();
        match (answer.status, code) {
            (200, _) => {
                let told = match stream {
                    true => last_event(&answer.body),
                    false => Some(json),
                };
                // A stream that ends before the answer is a lost connection.
                let Some(told) = told else { return false };
                asked.anew |= !asked.answers.is_empty() && !answer.replayed;
                asked.answers.push(told);
                true
            }
            (409, "idempotency_in_progress") | (429 | 503, _) => false,
            (status, code) => {
                let text = String::from_utf8_lossy(&answer.body);
                asked.trouble = Some(format!("{status} {code}: {text}"));
                true
            }
        }
    }
}

/// The answer at the end of an event stream, if it came that far.
fn last_event(stream: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(stream).ok()?;
    text.split("\n\n").find_map(|event| {
        let mut lines = event.lines();
        let last = lines.clone().any(|line| {
            matches!(
                line.strip_prefix("event:").map(str::trim),
                Some("message.completed" | "turn.failed")
            )
        });
        let data = lines.find_map(|line| line.strip_prefix("data:"))?;
        last.then(|| serde_json::from_str(data.trim()).ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_last_event_of_a_stream() {
        let stream = b"event: turn.started\ndata: {}\n\nid: x\nevent: message.completed\ndata: {\"reply\":\"Hi\"}\n\n";
        assert_eq!(last_event(stream).unwrap()["reply"], "Hi");
        assert_eq!(last_event(b"event: turn.started\ndata: {}\n\n"), None);
    }
}
