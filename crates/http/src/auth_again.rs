//! Who follows a stream shows once who they are, and may follow it for days. A key may be revoked meanwhile, a
//! session ended, a widget switched off: whoever would not be let in any more is not told any more.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use deskhand_service::Service;

use crate::auth::NoUse;

/// How often they are asked.
const AGAIN: Duration = Duration::from_secs(15);

/// Comes back when the request would not be let in any more as `E`; also where that cannot be found out, as
/// while the database is away. Whoever may will come back.
pub(crate) async fn until_refused<E: FromRequestParts<Service>>(
    mut parts: Parts,
    service: Service,
) {
    parts.extensions.insert(NoUse);
    loop {
        tokio::time::sleep(AGAIN).await;
        let mut shown = parts.clone();
        if E::from_request_parts(&mut shown, &service).await.is_err() {
            return;
        }
    }
}
