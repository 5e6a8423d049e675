//! `/v1/invitations`: asking colleagues to join.

pub(crate) mod accept;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use deskhand_domain::account::Invitation;
use deskhand_service::{AcceptRequest, CurrentSession, InvitationRequest};

use crate::list::Listing;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/invitations",
        create::handle,
        operation("invite", "Invite somebody")
            .says(
                "Nothing is sent: pass the link on. It works for 7 days. An earlier invitation to the \
                 same address stops working.",
            )
            .takes::<InvitationRequest>()
            .answers::<create::Created>(201, "The invitation with its link, this once.")
            .fails_with(&["email_taken"]),
    )
    .get(
        "/v1/invitations",
        list::handle,
        operation("list_invitations", "List invitations")
            .says("Those that are not accepted, expired ones included.")
            .answers::<Listing<Invitation>>(200, "Invitations, newest first, without their links."),
    )
    .delete(
        "/v1/invitations/{id}",
        delete::handle,
        operation("withdraw_invitation", "Take an invitation back")
            .answers_nothing("Its link works no more."),
    )
    .post(
        "/v1/invitations/accept",
        accept::handle,
        operation("accept_invitation", "Accept an invitation")
            .says("With the token of the link. Makes the account and signs it in.")
            .public()
            .takes::<AcceptRequest>()
            .answers::<CurrentSession>(201, "The account is made and signed in.")
            .sets_cookie()
            .fails_with(&["invitation_invalid", "email_taken", "too_many_requests"]),
    )
}
