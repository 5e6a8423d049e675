//! What every store must do. A case takes a fresh [`World`](crate::world::World) on an empty store
//! and knows nothing of the database behind it; a new case is a function and its name in the list.

pub mod invocations;

/// Makes one test of every case, on the store that `$open` (an async function) gives.
macro_rules! instantiate {
    ($open:path) => {
        crate::conformance::cases! { $open,
            invocations { recorded_and_read_back }
        }
    };
}
pub(crate) use instantiate;

macro_rules! cases {
    ($open:path, $($noun:ident { $($case:ident)* })*) => {
        $(
            crate::conformance::noun! { $open, $noun, $($case)* }
        )*
    };
}
pub(crate) use cases;

macro_rules! noun {
    ($open:path, $noun:ident, $($case:ident)*) => {
        mod $noun { $(
            #[tokio::test]
            async fn $case() {
                let (store, _keep) = $open().await;
                let world = crate::world::World::new(store).await;
                crate::conformance::$noun::$case(&world).await;
                world.store.close().await;
            }
        )* }
    };
}
pub(crate) use noun;
