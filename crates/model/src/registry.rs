//! From a model's name to a model.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use genai::adapter::AdapterKind;

use crate::Model;
use crate::builtin::Builtin;
use crate::provider::{self, Provider};

/// The name of the model that ships inside.
pub const BUILTIN: &str = "builtin";

/// Longest name of a model, in bytes.
const NAME_BYTES: usize = 200;

/// `builtin`, or `<provider>::<model>` (PRODUCT §9).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModelName {
    /// The one that ships inside.
    Builtin,
    /// One behind a provider's API.
    Provider {
        /// In lower case: `openai`, `anthropic`, `gemini`, `ollama`, …
        provider: String,
        /// As the provider calls it. It may hold `:` and `/`.
        model: String,
    },
}

/// What the operator set.
#[derive(Clone, Default)]
pub struct ModelsConfig {
    /// `DESKHAND_MODEL`: the model of agents that name none. Empty means `builtin`.
    pub default: String,
    /// `DESKHAND_MODEL_URL`: base of the provider's API in place of its own. For `openai` the part
    /// before `/chat/completions`, such as `http://127.0.0.1:8000/v1/`; the last slash may be
    /// missing, and so may the `/v1` where there is no other path.
    pub url: Option<String>,
    /// `DESKHAND_MODEL_API_KEY`.
    pub api_key: Option<String>,
}

/// The key stays out of debug output.
impl fmt::Debug for ModelsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelsConfig")
            .field("default", &self.default)
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "[set]"))
            .finish()
    }
}

/// Why a name leads to no model. The texts are for whoever set the name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Not of the form that is expected.
    #[error(
        "{0:?} is not a model: use \"builtin\" or \"<provider>::<model>\", such as \"openai::gpt-4.1\""
    )]
    Malformed(String),
    /// No provider goes by that name.
    #[error("no model provider is called {0:?}; known are {known}", known = provider::known().join(", "))]
    UnknownProvider(String),
    /// The provider takes a key and there is none for it.
    #[error(
        "{0} needs an API key: set DESKHAND_MODEL_API_KEY, and DESKHAND_MODEL to one of its models"
    )]
    NoKey(String),
    /// The operator's address is not a usable one.
    #[error(
        "DESKHAND_MODEL_URL {0:?} is not an http or https address without user, query and fragment"
    )]
    BadUrl(String),
    /// The HTTP client could not be built.
    #[error("the client for model providers could not be built: {0}")]
    Client(String),
}

/// All models of this process, built when first asked for and kept with their connections.
#[derive(Debug)]
pub struct Models {
    default: ModelName,
    /// The provider that the operator's address and key are for: the default model's, else `openai`.
    /// A key must not go to whichever provider an agent names.
    configured: String,
    config: ModelsConfig,
    client: reqwest::Client,
    built: Mutex<HashMap<ModelName, Arc<dyn Model>>>,
}

impl Models {
    /// Checks the settings; the default model is built at once, so that a wrong one stops the start.
    ///
    /// # Errors
    /// A default that [`Models::get`] would refuse, or an unusable address.
    pub fn new(config: ModelsConfig) -> Result<Self, RegistryError> {
        let default = match config.default.trim() {
            "" => ModelName::Builtin,
            name => name.parse()?,
        };
        let configured = match &default {
            ModelName::Builtin => "openai".to_owned(),
            ModelName::Provider { provider, .. } => provider.clone(),
        };
        let models = Self {
            client: provider::http_client()
                .map_err(|error| RegistryError::Client(error.to_string()))?,
            default: default.clone(),
            configured,
            config,
            built: Mutex::default(),
        };
        if let Some(url) = &models.config.url {
            provider::base_url(AdapterKind::OpenAI, url)?;
        }
        models.get_named(&default)?;
        Ok(models)
    }

    /// The model of that name; the same one every time.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub fn get(&self, name: &str) -> Result<Arc<dyn Model>, RegistryError> {
        self.get_named(&name.parse()?)
    }

    /// The model of agents that name none.
    ///
    /// # Errors
    /// None after [`Models::new`] has succeeded.
    pub fn get_default(&self) -> Result<Arc<dyn Model>, RegistryError> {
        self.get_named(&self.default)
    }

    /// The name of the model of agents that name none.
    pub fn default_name(&self) -> &ModelName {
        &self.default
    }

    fn get_named(&self, name: &ModelName) -> Result<Arc<dyn Model>, RegistryError> {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = built.get(name) {
            return Ok(Arc::clone(model));
        }
        let model = self.build(name)?;
        built.insert(name.clone(), Arc::clone(&model));
        Ok(model)
    }

    fn build(&self, name: &ModelName) -> Result<Arc<dyn Model>, RegistryError> {
        let ModelName::Provider { provider, model } = name else {
            return Ok(Arc::new(Builtin));
        };
        let is_configured = *provider == self.configured;
        let url = self.config.url.as_deref().filter(|_| is_configured);
        let key = self.config.api_key.as_deref().filter(|_| is_configured);
        let built = Provider::new(provider, model, url, key, self.client.clone())?;
        Ok(Arc::new(built))
    }
}

impl FromStr for ModelName {
    type Err = RegistryError;

    /// # Errors
    /// [`RegistryError::Malformed`] and [`RegistryError::UnknownProvider`].
    fn from_str(name: &str) -> Result<Self, RegistryError> {
        let malformed = || RegistryError::Malformed(name.chars().take(NAME_BYTES).collect());
        let trimmed = name.trim();
        if trimmed.eq_ignore_ascii_case(BUILTIN) {
            return Ok(Self::Builtin);
        }
        if trimmed.len() > NAME_BYTES || trimmed.chars().any(char::is_control) {
            return Err(malformed());
        }
        let (provider, model) = trimmed.split_once("::").ok_or_else(malformed)?;
        let (provider, model) = (provider.trim().to_ascii_lowercase(), model.trim());
        if provider.is_empty() || model.is_empty() {
            return Err(malformed());
        }
        if provider::kind(&provider).is_none() {
            return Err(RegistryError::UnknownProvider(provider));
        }
        Ok(Self::Provider {
            provider,
            model: model.to_owned(),
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin => f.write_str(BUILTIN),
            Self::Provider { provider, model } => write!(f, "{provider}::{model}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(default: &str, key: Option<&str>) -> Result<Models, RegistryError> {
        Models::new(ModelsConfig {
            default: default.to_owned(),
            url: None,
            api_key: key.map(str::to_owned),
        })
    }

    #[test]
    fn names_are_read_and_written() {
        for name in [
            "builtin",
            "openai::gpt-4.1",
            "ollama::qwen3:8b",
            "open_router::meta/llama-4:free",
        ] {
            assert_eq!(name.parse::<ModelName>().unwrap().to_string(), name);
        }
        assert_eq!(
            " OpenAI::gpt-4.1".parse::<ModelName>().unwrap().to_string(),
            "openai::gpt-4.1"
        );
    }

    #[test]
    fn a_wrong_name_says_what_is_right() {
        for name in ["gpt-4", "openai::", "::x", "a\n::b", ""] {
            assert!(
                matches!(name.parse::<ModelName>(), Err(RegistryError::Malformed(_))),
                "{name}"
            );
        }
        let error = "opnai::gpt-4".parse::<ModelName>().unwrap_err().to_string();
        assert!(
            error.contains("\"opnai\"") && error.contains("openai"),
            "{error}"
        );
    }

    #[test]
    fn providers_that_read_the_environment_by_themselves_are_not_offered() {
        for name in ["genai_1::x", "vertex::x", "bedrock_api::x"] {
            assert!(matches!(
                name.parse::<ModelName>(),
                Err(RegistryError::UnknownProvider(_))
            ));
        }
    }

    #[test]
    fn a_model_is_built_once() {
        let models = models("ollama::qwen3", None).unwrap();
        let (a, b) = (
            models.get("ollama::qwen3").unwrap(),
            models.get_default().unwrap(),
        );
        assert!(Arc::ptr_eq(&a, &b));
        assert!(models.get("builtin").is_ok());
    }

    #[test]
    fn the_key_goes_to_no_other_provider() {
        let models = models("openai::gpt-4.1", Some("sk-secret")).unwrap();
        assert_eq!(
            models.get("anthropic::claude-opus-4").unwrap_err(),
            RegistryError::NoKey("anthropic".to_owned())
        );
        assert!(!format!("{models:?}").contains("sk-secret"));
        let model = models.get_default().unwrap();
        assert!(!format!("{model:?}").contains("sk-secret"));
    }

    #[test]
    fn a_missing_key_stops_the_start() {
        assert_eq!(
            models("openai::gpt-4.1", None).unwrap_err(),
            RegistryError::NoKey("openai".to_owned())
        );
    }
}
