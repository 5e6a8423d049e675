//! Refunds of the shop: they take their time, and their end is reported to the URL that came with the
//! call.

use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

/// Most of the customer's patience that one report may take.
const ANSWER: Duration = Duration::from_secs(10);

/// Whoever makes the refunds.
#[derive(Clone)]
pub(crate) struct Refunds {
    http: reqwest::Client,
    a_step: Duration,
}

impl Refunds {
    /// Each step of a refund takes this long.
    pub(crate) fn new(a_step: Duration) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER)
            .build()
            .context("the shop's HTTP client")?;
        Ok(Self { http, a_step })
    }

    /// Begins one, and answers what the call is answered with.
    pub(crate) fn begin(&self, order: &'static str, report_to: String) -> Value {
        let own = self.clone();
        tokio::spawn(async move {
            if let Err(error) = own.carry_out(order, &report_to).await {
                tracing::warn!(%error, "the shop could not report on a refund");
            }
        });
        json!({"success": true, "status": "pending", "result": {"reference": reference(order)}})
    }

    async fn carry_out(&self, order: &str, report_to: &str) -> anyhow::Result<()> {
        let steps = [
            json!({"progress": "The payment has been found, and the bank has been asked."}),
            json!({"success": true, "result": {"reference": reference(order), "amount": "24.90 EUR"}}),
        ];
        for step in steps {
            tokio::time::sleep(self.a_step).await;
            self.http
                .post(report_to)
                .header("content-type", "application/json")
                .body(step.to_string())
                .send()
                .await
                .map_err(reqwest::Error::without_url)?
                .error_for_status()
                .map_err(reqwest::Error::without_url)?;
        }
        Ok(())
    }
}

fn reference(order: &str) -> String {
    order.replace("ORD", "RF")
}
