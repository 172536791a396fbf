//! The operations by resource, with the names of the asynchronous client.

use std::sync::Arc;

use super::Client;
use super::list::ListRequest;
use super::request::Request;
use super::restore::{PreparedRestore, RestoreHandle};
use crate::api;
use crate::api::SavedRestore;
use crate::error::Error;
use crate::types::{
    AccessToken, BackupStatus, BackupTask, BackupTaskId, Bill, JobId, Partner, Reseller,
    ResellerDetails, ResellerId, RestoreJob, RestoreRequest, Secret, Task, TaskId, User, UserId,
};

/// Defines a resource whose methods block on those of the same name.
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

/// Defines one method: a call, or a list.
macro_rules! method {
    (call $name:ident $method:ident($($argument:ident: $type:ty),*) -> $value:ty) => {
        #[doc = concat!("See [`", stringify!($name), "::", stringify!($method), "`](crate::api::", stringify!($name), "::", stringify!($method), ").")]
        ///
        /// # Errors
        /// As there, and within an asynchronous runtime.
        pub fn $method(&self, $($argument: $type),*) -> Result<$value, Error> {
            self.client.wait(self.inner().$method($($argument),*))
        }
    };
    (list $name:ident $method:ident($($argument:ident: $type:ty),*) -> $value:ty) => {
        #[doc = concat!("See [`", stringify!($name), "::", stringify!($method), "`](crate::api::", stringify!($name), "::", stringify!($method), ").")]
        pub fn $method(&self, $($argument: $type),*) -> ListRequest<$value> {
            ListRequest::new(self.inner().$method($($argument),*), Arc::clone(&self.client.runtime))
        }
    };
}

resource! {
    /// Signs in explicitly; see [`Authentication`](crate::api::Authentication).
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
        list backup_statuses() -> BackupStatus;
        list resellers() -> Reseller;
        call reseller(reseller_id: impl Into<ResellerId>) -> ResellerDetails;
        list reseller_accounts(reseller_id: impl Into<ResellerId>) -> User;
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
    /// Requests a restore; see [`Restores::create`](crate::api::Restores::create).
    ///
    /// # Errors
    /// As there, and within an asynchronous runtime.
    pub fn create(&self, request: RestoreRequest) -> Result<RestoreHandle, Error> {
        let handle = self.client.wait(self.inner().create(request))?;
        Ok(RestoreHandle::new(handle, &self.client.runtime))
    }

    /// Checks a request for a restore before it is sent; see
    /// [`Restores::prepare`](crate::api::Restores::prepare).
    ///
    /// # Errors
    /// As there.
    pub fn prepare(&self, request: RestoreRequest) -> Result<PreparedRestore, Error> {
        let prepared = self.inner().prepare(request)?;
        Ok(PreparedRestore::new(prepared, &self.client.runtime))
    }

    /// Returns a handle of a restore that was created earlier; see
    /// [`Restores::job`](crate::api::Restores::job).
    #[must_use]
    pub fn job(&self, job_id: impl Into<JobId>) -> RestoreHandle {
        RestoreHandle::new(self.inner().job(job_id), &self.client.runtime)
    }

    /// Returns a handle of a restore that was saved; see
    /// [`Restores::resume`](crate::api::Restores::resume).
    ///
    /// # Errors
    /// As there.
    pub fn resume(&self, saved: SavedRestore) -> Result<RestoreHandle, Error> {
        let handle = self.inner().resume(saved)?;
        Ok(RestoreHandle::new(handle, &self.client.runtime))
    }
}

resource! {
    /// The operations by which a reseller reads its own accounts (v2); see
    /// [`Resellers`](crate::api::Resellers).
    Resellers, resellers {
        call profile() -> Reseller;
        list accounts() -> User;
        list backup_tasks() -> Task;
        list account_backup_tasks(account_id: impl Into<UserId>) -> Task;
        call account_backup_task(account_id: impl Into<UserId>, task_id: impl Into<TaskId>) -> Task;
        list backup_statuses() -> BackupStatus;
        list bills() -> Bill;
    }
}

impl Client {
    /// Starts a request to a path that no resource has a method for; see
    /// [`Client::request`](crate::Client::request).
    pub fn request(&self, method: http::Method, path: impl Into<String>) -> Request {
        Request::new(self.client.request(method, path), &self.runtime)
    }
}
