import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { Session } from '../api/types';
import { ProblemAlert } from '../parts/problem-alert';
import { refusedIn } from '../parts/refused';
import { emailFault, needed, passwordFault } from './password';

/** What a new account is made of; `workspace_name` and `email` only where they are asked for. */
export type NewAccount = { workspace_name: string; name: string; email: string; password: string };

type Props = { /** The first account of all names the workspace and itself. */ first: boolean; verb: string; make: (account: NewAccount) => Promise<Session>; done: (session: Session) => Promise<void> };

/** The form for a new account. */
export function NewAccountForm({ first, verb, make, done }: Props) {
  const form = useForm<NewAccount>({
    initialValues: { workspace_name: '', name: '', email: '', password: '' },
    validate: {
      workspace_name: first ? needed('a name for the workspace') : undefined,
      name: needed('your name'),
      email: first ? emailFault : undefined,
      password: passwordFault,
    },
  });
  const create = useMutation({
    mutationFn: make,
    onSuccess: done,
    onError: refusedIn(form),
  });
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <Stack>
        {first ? (
          <TextInput label="Workspace" description="Your company or team, as colleagues know it." placeholder="Example Shop" maxLength={80} autoFocus {...form.getInputProps('workspace_name')} />
        ) : null}
        <TextInput label="Your name" autoComplete="name" maxLength={80} autoFocus={!first} {...form.getInputProps('name')} />
        {first ? <TextInput label="Email" type="email" autoComplete="username" {...form.getInputProps('email')} /> : null}
        <PasswordInput label="Password" description="At least 8 characters; a few words are good." autoComplete="new-password" {...form.getInputProps('password')} />
        <ProblemAlert error={create.error} shownFields={Object.keys(form.errors)} />
        <Button type="submit" loading={create.isPending}>{verb}</Button>
      </Stack>
    </form>
  );
}
