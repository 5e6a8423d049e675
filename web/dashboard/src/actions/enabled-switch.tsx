import { Switch } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../api/client';
import type { Action } from '../api/types';
import { tellProblem } from '../parts/tell';

type Props = { action: Action; onToggled: (action: Action) => void; bare?: boolean };

/** On or off at once; goes back if the server refuses. */
export function EnabledSwitch({ action, onToggled, bare = false }: Props) {
  const [wanted, setWanted] = useState<boolean | null>(null);
  const toggle = useMutation({
    mutationFn: (enabled: boolean) =>
      body(api.PATCH('/v1/actions/{id}', { params: { path: { id: action.id } }, body: { enabled } })),
    onMutate: (enabled) => setWanted(enabled),
    onSuccess: ({ warnings: _, ...saved }) => onToggled(saved),
    onError: tellProblem,
    onSettled: () => setWanted(null),
  });
  const on = wanted ?? action.enabled;
  return (
    <Switch
      size="sm"
      checked={on}
      onChange={(event) => toggle.mutate(event.currentTarget.checked)}
      label={bare ? undefined : on ? 'Enabled' : 'Off'}
      aria-label={`${action.display_name} is enabled`}
    />
  );
}
