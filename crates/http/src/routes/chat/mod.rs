//! `/v1/agents/{id}/chat`: a customer's message in, the reply out.

pub(crate) mod create;
