//! `/v1/models`: the language models that agents can name.

pub(crate) mod list;
pub(crate) mod test;

use deskhand_service::{ModelTest, ModelTested, ModelsKnown};

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/models",
        list::handle,
        operation("list_models", "Which models there are")
            .says("An agent names a model as `builtin` or as `<provider>::<model>`.")
            .answers::<ModelsKnown>(200, "The default, and the providers."),
    )
    .post(
        "/v1/models/test",
        test::handle,
        operation("test_model", "Ask a model for a word")
            .says(
                "Asks once, and waits for 30 seconds at most. A model that does not answer is no \
                 HTTP error: the answer has `ok` false and says why.",
            )
            .may_take::<ModelTest>()
            .answers::<ModelTested>(200, "What came of it."),
    )
}
