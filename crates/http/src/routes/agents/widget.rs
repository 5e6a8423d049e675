//! `GET PUT /v1/agents/{id}/widget`: how an agent's widget looks, and whether customers can use it.

use axum::Json;
use axum::extract::State;
use deskhand_domain::widget::WidgetSettings;
use deskhand_service::Service;

use crate::auth::{Admin, Reader};
use crate::json::Fields;
use crate::path::Path;
use crate::problem::Result;

pub(crate) async fn show(
    reader: Reader,
    State(service): State<Service>,
    Path(id): Path<String>,
) -> Result<Json<WidgetSettings>> {
    let id = crate::routes::id(&id)?;
    reader.may_see(id)?;
    Ok(Json(service.widget(reader.workspace, id).await?))
}

pub(crate) async fn set(
    Admin(workspace): Admin,
    State(service): State<Service>,
    Path(id): Path<String>,
    Fields(given): Fields,
) -> Result<Json<WidgetSettings>> {
    let id = crate::routes::id(&id)?;
    let settings: WidgetSettings = deskhand_service::parse(given)?;
    Ok(Json(service.set_widget(workspace, id, settings).await?))
}
