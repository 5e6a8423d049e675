use crate::world::*;

pub async fn recorded_and_read_back(w: &World) {
    let running = w.running().await;
    let call = w.call(&running);
    assert_eq!(w.record(&call, 1).await, deskhand_store::Begun::Recorded);
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
}
