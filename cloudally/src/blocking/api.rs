//! The operations by resource, as the asynchronous client has them.

use std::sync::Arc;

use super::Client;
use super::list::List;
use super::request::Request;
use super::restore::RestoreHandle;
use crate::api;
use crate::api::SavedRestore;
use crate::error::Error;
use crate::types::{
    AccessToken, BackupTask, BackupTaskId, Bill, JobId, Partner, Reseller, ResellerDetails,
    ResellerId, RestoreJob, RestoreRequest, Secret, StatusEntry, Task, User,
};

/// A resource whose methods wait for those of the same name.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident, $accessor:ident {
        $($kind:ident $method:ident($($argument:ident: $type:ty),*) -> $value:ty;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: Client,
        }

        impl Client {
            #[doc = concat!("See [`", stringify!($name), "`](crate::api::", stringify!($name), ").")]
            pub fn $accessor(&self) -> $name {
                $name { client: self.clone() }
            }
        }

        impl $name {
            fn inner(&self) -> api::$name {
                self.client.client.$accessor()
            }

            $(method!($kind $name $method($($argument: $type),*) -> $value);)*
        }
    };
}

/// One method: a call, or a list.
macro_rules! method {
    (call $name:ident $method:ident($($argument:ident: $type:ty),*) -> $value:ty) => {
        #[doc = concat!("See [`", stringify!($name), "::", stringify!($method), "`](crate::api::", stringify!($name), "::", stringify!($method), ").")]
        ///
        /// # Errors
        /// As there, or within an asynchronous runtime.
        pub fn $method(&self, $($argument: $type),*) -> Result<$value, Error> {
            self.client.wait(self.inner().$method($($argument),*))
        }
    };
    (list $name:ident $method:ident() -> $value:ty) => {
        #[doc = concat!("See [`", stringify!($name), "::", stringify!($method), "`](crate::api::", stringify!($name), "::", stringify!($method), ").")]
        pub fn $method(&self) -> List<$value> {
            List::new(self.inner().$method(), Arc::clone(&self.client.runtime))
        }
    };
}

resource! {
    /// Signing in by hand; see [`Authentication`](crate::api::Authentication).
    Authentication, authentication {
        call login(email: impl Into<String>, password: impl Into<Secret>) -> AccessToken;
        call partner_login(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> AccessToken;
        call partner_login_as(
            client_id: impl Into<String>,
            client_secret: impl Into<Secret>,
            email: impl Into<String>,
            password: impl Into<Secret>
        ) -> AccessToken;
        call refresh_token(refresh_token: impl Into<Secret>) -> AccessToken;
    }
}

resource! {
    /// The partner; see [`Partners`](crate::api::Partners).
    Partners, partners {
        call profile() -> Partner;
        list status() -> StatusEntry;
        list resellers() -> Reseller;
        call reseller(reseller_id: impl Into<ResellerId>) -> ResellerDetails;
    }
}

impl Partners {
    /// See [`Partners::reseller_accounts`](crate::api::Partners::reseller_accounts).
    pub fn reseller_accounts(&self, reseller_id: impl Into<ResellerId>) -> List<User> {
        let list = self.inner().reseller_accounts(reseller_id);
        List::new(list, Arc::clone(&self.client.runtime))
    }
}

resource! {
    /// The users of the partner; see [`Users`](crate::api::Users).
    Users, users {
        list list() -> User;
    }
}

resource! {
    /// The tasks of all users; see [`Tasks`](crate::api::Tasks).
    Tasks, tasks {
        list list() -> Task;
    }
}

resource! {
    /// The bills; see [`Billing`](crate::api::Billing).
    Billing, billing {
        list bills() -> Bill;
        list partner_billing() -> Bill;
    }
}

resource! {
    /// The backup tasks of the account that is signed in; see [`Backups`](crate::api::Backups).
    Backups, backups {
        list list() -> BackupTask;
        call get(task_id: impl Into<BackupTaskId>) -> BackupTask;
    }
}

resource! {
    /// Restores; see [`Restores`](crate::api::Restores).
    Restores, restores {
        call status(job_id: impl Into<JobId>) -> RestoreJob;
    }
}

impl Restores {
    /// Asks for a restore; see [`Restores::create`](crate::api::Restores::create).
    ///
    /// # Errors
    /// As there, or within an asynchronous runtime.
    pub fn create(&self, request: &RestoreRequest) -> Result<RestoreHandle, Error> {
        let handle = self.client.wait(self.inner().create(request))?;
        Ok(RestoreHandle::new(handle, &self.client.runtime))
    }

    /// A restore that was created earlier; see [`Restores::job`](crate::api::Restores::job).
    #[must_use]
    pub fn job(&self, job_id: impl Into<JobId>) -> RestoreHandle {
        RestoreHandle::new(self.inner().job(job_id), &self.client.runtime)
    }

    /// A restore that was saved; see [`Restores::resume`](crate::api::Restores::resume).
    #[must_use]
    pub fn resume(&self, saved: SavedRestore) -> RestoreHandle {
        RestoreHandle::new(self.inner().resume(saved), &self.client.runtime)
    }
}

resource! {
    /// What a reseller reads of its own accounts (v2); see [`Resellers`](crate::api::Resellers).
    Resellers, resellers {
        call profile() -> Reseller;
        list accounts() -> User;
        list backup_tasks() -> Task;
        list backup_statuses() -> StatusEntry;
        list bills() -> Bill;
    }
}

impl Client {
    /// A request to a path that no resource has a method for; see [`Client::request`](crate::Client::request).
    pub fn request(&self, method: reqwest::Method, path: impl Into<String>) -> Request {
        Request::new(self.client.request(method, path), &self.runtime)
    }
}
